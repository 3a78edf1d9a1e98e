"""Pages that show several rooms at once: the board, the wall, my day, the place page, the search box, and the shell round them.

Nouns: board (指挥台), wall (大屏), my day (今日), place page (地点页), shell (the bar on every staff page).
Neighbours: reads dispatch, intake, people and grid through their queries; writes only by calling their commands.
Nothing here decides who may see what: the rooms' queries do.
"""

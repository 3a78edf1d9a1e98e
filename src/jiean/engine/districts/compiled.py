"""The compiled loops of districting: annealed flips of border atoms. Apart: the compiler is slow to import."""

import numba
import numpy as np


@numba.njit(cache=True)
def keeps_whole(start, near, cell, atom, mark, stack):  # type: ignore[no-untyped-def]
    """Whether the atom's cell stays in one piece, and not empty, without it.

    The neighbours of the atom in its own cell must reach one another inside the cell; `mark` and `stack` (n,) are room
    to work in.
    """
    own, first, wanted = cell[atom], -1, 0
    for j in range(start[atom], start[atom + 1]):
        if cell[near[j]] == own:
            wanted += 1
            first = near[j]
    if wanted <= 1:
        return wanted == 1
    return _reaches(start, near, cell, atom, first, wanted, mark, stack)


@numba.njit(cache=True)
def _reaches(start, near, cell, atom, first, wanted, mark, stack):  # type: ignore[no-untyped-def]
    own, top, found = cell[atom], 1, 0
    for i in range(mark.size):
        mark[i] = 0
    mark[atom] = 1
    mark[first] = 1
    stack[0] = first
    while top:
        top -= 1
        here = stack[top]
        for j in range(start[here], start[here + 1]):
            there = near[j]
            if there == atom:
                found += 1
            elif cell[there] == own and mark[there] == 0:
                mark[there] = 1
                stack[top] = there
                top += 1
    return found == wanted


@numba.njit(cache=True)
def anneal(ground, goal, aim, cell_group, load, cell, size, heats, draws, every, weight, home, room, best):  # type: ignore[no-untyped-def]
    """Move border atoms to neighbouring cells, one try a row of `draws` (steps, 3), at the heat of that step.

    `ground` is (start, near, border, demand, group). What is minimised is the sum of squared deviations from `goal` (as
    shares) times `weight`, plus the border between cells in mean borders, plus what `home` asks: (the cell each atom
    lies in now (n,), what leaving it weighs). Atoms of group -1 are fixed. `room` is two arrays (n,) to work in. Changes
    `cell`, `load` and `size`; `best` gets the division with the least largest deviation from `aim`, looked at
    after `every` so many tries.
    """
    best_score = np.inf
    for step in range(heats.size):
        if step % every == 0 or step == heats.size - 1:
            score = _worst(load, aim) + _away(cell, home) / 20
            if score < best_score:
                best_score = score
                for i in range(cell.size):
                    best[i] = cell[i]
        atom = int(draws[step, 0] * cell.size)
        if ground[4][atom] >= 0:
            _try(ground, goal, cell_group, load, cell, size, atom, draws[step], heats[step], weight, home, room)


@numba.njit(cache=True)
def _away(cell, home):  # type: ignore[no-untyped-def]
    """The share of atoms away from home; zero where staying weighs nothing."""
    if home[1] == 0:
        return 0.0
    away = 0
    for i in range(cell.size):
        if home[0][i] >= 0 and cell[i] != home[0][i]:
            away += 1
    return away / cell.size


@numba.njit(cache=True)
def _worst(load, goal):  # type: ignore[no-untyped-def]
    worst = 0.0
    for c in range(load.size):
        if goal[c] > 0:
            worst = max(worst, abs(load[c] / goal[c] - 1))
    return worst


@numba.njit(cache=True)
def _try(ground, goal, cell_group, load, cell, size, atom, draw, heat, weight, home, room):  # type: ignore[no-untyped-def]
    start, near, border, demand, group = ground
    pick = near[start[atom] + int(draw[1] * (start[atom + 1] - start[atom]))]
    old, new = cell[atom], cell[pick]
    if old == new or cell_group[new] != group[atom] or size[old] == 1:
        return
    change = weight * _uneven(load, goal, demand[atom], old, new) + _longer(start, near, border, cell, atom, old, new)
    if home[0][atom] == old:
        change += home[1]
    elif home[0][atom] == new:
        change -= home[1]
    if change > 0 and draw[2] >= np.exp(-change / heat):
        return
    if keeps_whole(start, near, cell, atom, room[0], room[1]):
        cell[atom] = new
        load[old] -= demand[atom]
        load[new] += demand[atom]
        size[old] -= 1
        size[new] += 1


@numba.njit(cache=True)
def _uneven(load, goal, moved, old, new):  # type: ignore[no-untyped-def]
    a, b = load[old] / goal[old] - 1, load[new] / goal[new] - 1
    c, d = (load[old] - moved) / goal[old] - 1, (load[new] + moved) / goal[new] - 1
    return c * c + d * d - a * a - b * b


@numba.njit(cache=True)
def _longer(start, near, border, cell, atom, old, new):  # type: ignore[no-untyped-def]
    change = 0.0
    for j in range(start[atom], start[atom + 1]):
        if cell[near[j]] == old:
            change += border[j]
        elif cell[near[j]] == new:
            change -= border[j]
    return change

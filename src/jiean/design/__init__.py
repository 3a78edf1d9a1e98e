"""How Jiean looks: page shells, style tokens, parts, icons, and the three scripts for live pages, maps and forms.

Shells (extend one of them)
    design/base.html     staff pages: top bar, search, role, connection band.  Blocks: title, head, main, scripts, body_class
    design/public.html   residents' pages: no script needed, light.            Blocks: title, head, main, scripts, emergency
    design/wall.html     the wall screen: no controls.                         Blocks: title, head, main, scripts

Parts (``{% load parts %}``)
    {% icon "search" %}                         one icon of the sprite; always beside a word
    {% grade 2 %}                               grade of an incident: shape, word and colour
    {% chip incident.get_state_display "busy" %} a state; tones: quiet, busy, done, warn, alarm
    {% when at %}                               <time>: 12:03, 昨天 12:03, 11月20日 12:03
    {{ seconds|duration }}  {{ seconds|clock }} 2 分 13 秒，02:13
    {% waiting since 60 %}                      a running clock that says 超时 once 60 s have passed
    {% deadline due_at %}                       what is left until a moment: 剩 00:26, then 超时 02:13
    {% field form.text %}  {% errors form %}    one form field with its hint and error; the summary on top
    {% timeline steps %}                        steps have .at .title and may have .by .note .tone
    {% empty _("今天没有未派警情") icon="check" hint="" %}
    {% figure value unit label href as_of %}    a number with its unit, its time and the way to what it counts
    {% chips filters %}                         active filters: each has .label and .url (the page without it)
    {% pager page %}                            a Django Page: total, where we are, previous and next

Live parts: ``data-live="dispatch.IncidentOpened dispatch.UnitAssigned" hx-get="…" hx-trigger="news"`` on any element
with an id re-fetches it when one of the events is heard.
"""

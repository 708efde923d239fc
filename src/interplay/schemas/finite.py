"""Whether a finite answer exists, and how many times a recursive place must at least enter itself for it."""

from heapq import heapify, heappop, heappush
from math import inf

from interplay.schemas.limits import ANSWER_DEPTH
from interplay.schemas.shapes import Items, Kind, Shapes, inside, needs
from interplay.schemas.unfit import Path, Unfit, written


def circles(shapes: Shapes) -> dict[str, int]:
    """A number for each place; places with the same number can be reached from each other.

    Tarjan's algorithm, without recursion of its own: the places may form a long chain.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circle: dict[str, int] = {}
    for start in shapes.at:
        if start in index:
            continue
        work = [(start, iter(_inside(shapes, start)))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            place, waiting = work[-1]
            for inner in waiting:
                if inner not in index:
                    index[inner] = low[inner] = len(index)
                    stack.append(inner)
                    work.append((inner, iter(_inside(shapes, inner))))
                    break
                if inner not in circle:
                    low[place] = min(low[place], index[inner])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[place])
                if low[place] == index[place]:
                    _close(place, stack, circle, index[place])
    return circle


def _inside(shapes: Shapes, place: str) -> list[str]:
    return [inner for kind in shapes.at[place] for inner in inside(kind)]


def _close(place: str, stack: list[str], circle: dict[str, int], number: int) -> None:
    while True:
        member = stack.pop()
        circle[member] = number
        if member == place:
            return


def heights(shapes: Shapes, circle: dict[str, int]) -> dict[str, float]:
    """How often each place's least value enters its own circle again; infinite where there is no finite value.

    Circle by circle, those inside first, as `circles` found them. In a circle the lowest place comes first, as in
    Dijkstra's algorithm: what a place needs is known before it, and each place is looked at once.
    """
    members: dict[int, list[str]] = {}
    for place, number in circle.items():
        members.setdefault(number, []).append(place)
    height = dict.fromkeys(shapes.at, inf)
    for places in members.values():
        _rise(places, shapes, circle, height)
    return height


def _rise(places: list[str], shapes: Shapes, circle: dict[str, int], height: dict[str, float]) -> None:
    """The heights of one circle's places."""
    reached: list[tuple[int, str]] = []
    missing: list[int] = []
    waiting: dict[str, list[tuple[str, int]]] = {}
    for place in places:
        for needed in (needs_of(kind) for kind in shapes.at[place] if not lacks_items(kind)):
            inner = {other for other in needed if circle[other] == circle[place]}
            if any(height[other] == inf for other in needed - inner):
                continue
            for other in inner:
                waiting.setdefault(other, []).append((place, len(missing)))
            missing.append(len(inner))
            if not inner:
                reached.append((0, place))
    heapify(reached)
    while reached:
        high, place = heappop(reached)
        if height[place] < inf:
            continue
        height[place] = high
        for other, number in waiting.get(place, ()):
            missing[number] -= 1
            if not missing[number]:
                heappush(reached, (high + 1, other))


def needs_of(kind: Kind) -> set[str]:
    """The places of what must be inside such a value."""
    return {place for _, place in needs(kind)}


def lacks_items(kind: Kind) -> bool:
    """Whether a list needs more items than there can be."""
    return isinstance(kind, Items) and kind.rest is None and kind.least > len(kind.first)


def check(shapes: Shapes, height: dict[str, float]) -> None:
    """Refuse a schema that no finite value satisfies, or none that an answer may be, and say why. Raises Unfit."""
    if height[shapes.root] < inf:
        _check_depth(shapes)
        return
    path: Path = ()
    seen: set[str] = set()
    place = shapes.root
    while place not in seen:
        seen.add(place)
        step = next(
            ((name, inner) for kind in shapes.at[place] for name, inner in needs(kind) if height[inner] == inf), None
        )
        if step is None:
            raise Unfit((), f"no value can satisfy it: what it says about '${written(path)}' allows nothing")
        path, place = (*path, step[0]), step[1]
    raise Unfit((), f"no finite value can satisfy it: '${written(path)}' must contain its like again, without end")


def _check_depth(shapes: Shapes) -> None:
    depth = heights(shapes, dict.fromkeys(shapes.at, 0))[shapes.root]  # in one circle, each step inwards counts
    if depth > ANSWER_DEPTH:
        raise Unfit((), f"its smallest answer is nested {depth:g} levels deep: at most {ANSWER_DEPTH} are allowed")

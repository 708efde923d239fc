"""Whether a finite answer exists, and how many times a recursive place must at least enter itself for it."""

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
    """How often each place's least value enters its own circle again; infinite where there is no finite value."""
    height = dict.fromkeys(shapes.at, inf)
    above: dict[str, set[str]] = {place: set() for place in shapes.at}
    for place, shape in shapes.at.items():
        for inner in {inner for kind in shape for _, inner in needs(kind)}:
            above[inner].add(place)
    changed = set(shapes.at)
    while changed:
        waiting, changed = changed, set()
        for place in waiting:  # each once, however many of the places in it have changed
            found = min((cost(kind, place, height, circle) for kind in shapes.at[place]), default=inf)
            if found < height[place]:
                height[place] = found
                changed |= above[place]
    return height


def cost(kind: Kind, place: str, height: dict[str, float], circle: dict[str, int]) -> float:
    """The height of a place if its value is of this kind."""
    costs = (
        height[inner] + 1 if circle[inner] == circle[place] else (0 if height[inner] < inf else inf)
        for _, inner in needs(kind)
    )
    return inf if lacks_items(kind) else max(costs, default=0)


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

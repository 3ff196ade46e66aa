"""What gives the code of components out: its address tells its contents, so that browsers keep it for good."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.web.assets import PREFIX, code_of, code_path, read_parts

_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_ROOM = Path(__file__).parent


def code_route(base_path: str = "") -> Route:
    """The route of all components' code.

    Args:
        base_path: under which the app is served, such as ``mix``.
    """
    base = base_path.strip("/")
    return Route(f"{'/' if base else ''}{base}/{PREFIX}/{{name}}", _code)


@cache
def codes() -> dict[str, str]:
    """The code of every component, by its path."""
    folders = [path for path in sorted(_ROOM.iterdir()) if (path / "browser" / f"{path.name}.js").is_file()]
    made = {path.name: code_of(read_parts(path, path.name)) for path in folders}
    return {code_path(name, code): code for name, code in made.items()}


async def _code(request: Request) -> Response:
    code = codes().get(f"{PREFIX}/{request.path_params['name']}")
    if code is None:
        return PlainTextResponse("There is no such code here.", status_code=404, headers={"Cache-Control": "no-store"})
    return Response(code, media_type="text/javascript", headers=_HEADERS)

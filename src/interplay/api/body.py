"""A request's body, read up to a limit."""

from starlette.requests import ClientDisconnect, Request

from interplay.errors import Failure

MIB = 1 << 20


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises Failure `request_too_large` once it is over `limit` bytes, without reading on."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(int(declared), limit)
    chunks = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(size, limit)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise Failure("cancelled", "The client left while it sent the request.") from error
    return b"".join(chunks)


def _too_large(size: int, limit: int) -> Failure:
    return Failure(
        "request_too_large",
        f"The request body is at least {size} bytes: expected at most {limit} ({limit // MIB} MiB). "
        "Send media by 'uri', or raise the server's max_body_mib.",
    )

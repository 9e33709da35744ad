"""Why a workspace does not answer, in one sentence with its address."""

from __future__ import annotations

from collections.abc import Iterator

PAGE = (
    "answers with a page instead of JSON: it is a login page or a proxy, or the address is not a workspace's"
)

_ADDRESS = "workspace_address"


class NoAnswerError(OSError):
    """A workspace does not answer, or something else answers in its place.

    Args:
        address: the workspace's address.
        what: what happens there, such as `does not answer: the connection is refused`.
    """

    def __init__(self, address: str, what: str) -> None:
        super().__init__(f"{address} {what}")
        self.address, self.what = address, what


def is_page(error: Exception) -> bool:
    """True if the SDK could not read an answer; its text then asks to report a bug and quotes the request."""
    return str(error).startswith("unable to parse response")


def name_workspace(error: Exception, address: str) -> None:
    """Records the workspace that answered with an error of the API, whose text does not contain it."""
    vars(error)[_ADDRESS] = address


def workspace_of(error: Exception) -> str:
    """The address of the workspace that answered with an error; "" if it is not recorded."""
    return str(vars(error).get(_ADDRESS, ""))


def no_answer(address: str, error: BaseException, seconds: float) -> NoAnswerError:
    """Describes a failed request.

    Args:
        address: the workspace's address.
        error: the error of the request, in any of the forms that the Databricks SDK raises.
        seconds: the time that the request had.
    """
    causes = list(_causes(error))
    kinds = {kind.__name__ for one in causes for kind in type(one).__mro__}
    if "JSONDecodeError" in kinds:
        return NoAnswerError(address, PAGE)
    if "TooManyRedirects" in kinds:
        return NoAnswerError(address, "redirects in a circle: a login page or a proxy answers in its place")
    return NoAnswerError(address, f"does not answer: {_reason(kinds, causes, seconds)}")


def _reason(kinds: set[str], causes: list[BaseException], seconds: float) -> str:
    if "ProxyError" in kinds:
        return f"the proxy fails ({_innermost(causes)}); HTTPS_PROXY, HTTP_PROXY and NO_PROXY choose it"
    if "SSLError" in kinds:
        return f"no secure connection ({_innermost(causes)}); REQUESTS_CA_BUNDLE names your certificates"
    if "gaierror" in kinds:
        return "there is no such host name"
    if "ConnectionRefusedError" in kinds:
        return "the connection is refused"
    if kinds & {"Timeout", "ConnectTimeoutError", "ReadTimeoutError"} or isinstance(causes[-1], TimeoutError):
        return f"no response within {seconds:g} s"
    return _innermost(causes)


def _innermost(causes: list[BaseException]) -> str:
    """The first line of the last cause that has a message."""
    texts = (str(getattr(one, "strerror", None) or one).strip() for one in reversed(causes))
    return next((text.split("\n")[0] for text in texts if text), type(causes[0]).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what caused it, outermost first; libraries also keep causes in arguments and fields."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if any(one is each for each in seen):
            continue
        seen.append(one)
        yield one
        linked = (*one.args, getattr(one, "reason", None), getattr(one, "original_error", None))
        waiting += [
            each for each in (*linked, one.__cause__, one.__context__) if isinstance(each, BaseException)
        ]

"""NAMESPACE: the prefixes of mailbox names.

This file knows the grammar of the response, and no command.

RFC 9051 section 7.3.2; RFC 5255 section 3.4 for TRANSLATION.
"""

from netmail.results.namespaces import Namespace, Namespaces
from netmail.wire.imap.data.mend import mend
from netmail.wire.imap.data.scalars import text, texts, unfit
from netmail.wire.imap.mailbox_name import decoded_name
from netmail.wire.imap.responses import DataResponse, Value


def namespace_response(response: DataResponse, *, strict: bool = False) -> Namespaces:
    """Read one NAMESPACE response.

    Raises:
        ProtocolError: If it has not three lists of namespaces, or NIL for them.

    RFC 9051 section 9: namespace-response.
    """
    # namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace, namespace = nil / "("
    # 1*namespace-descr ")":
    #
    # * NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) (("~" "/")) NIL
    values = response.values()
    if not 1 <= len(values) <= 3 or not all(value is None or _is_list(value) for value in values):
        raise unfit(response, '(("" "/")) NIL NIL')
    if len(values) < 3:
        mend("a NAMESPACE response has not three lists", "NIL", strict=strict)
    kinds = [_namespaces(value, response) for value in [*values, None, None][:3]]
    return Namespaces(*kinds)


def _is_list(value: Value) -> bool:
    return isinstance(value, list)


def _namespaces(value: Value, response: DataResponse) -> tuple[Namespace, ...]:
    # namespace-descr = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil)
    # [namespace-response-extensions] ")"
    found: list[Namespace] = []
    for each in value or ():
        match each:
            case [bytes() as prefix, None | bytes() as delimiter, *more]:
                # namespace-response-extension = SP string SP "(" string *(SP string) ")"
                extensions = {
                    (text(name) or "").upper(): texts(given)
                    for name, given in zip(more[::2], more[1::2], strict=False)
                }
                found.append(
                    Namespace(
                        decoded_name(prefix, strict=False, utf8=response.utf8),
                        text(delimiter) or None,
                        extensions,
                    )
                )
            case _:
                raise unfit(response, '(("" "/")) NIL NIL')
    return tuple(found)

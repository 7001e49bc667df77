"""What SendGrid publishes of the request that sends a message: its fields, types and limits.

Nothing here knows netmail.
"""

import base64
import re

ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>]+")
RESERVED = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "reply-to", "to"),
    *("content-transfer-encoding", "from", "subject", "cc", "bcc"),
}
# Field: its type, and whether it must be there.
REQUEST = {
    "personalizations": (list, True),
    "from": (dict, True),
    "reply_to": (dict, False),
    "reply_to_list": (list, False),
    "subject": (str, True),
    "content": (list, True),
    "attachments": (list, False),
    "headers": (dict, False),
    "categories": (list, False),
    "custom_args": (dict, False),
    "send_at": (int, False),
}
PERSONALIZATION = {
    "to": (list, True),
    "cc": (list, False),
    "bcc": (list, False),
    "subject": (str, False),
    "headers": (dict, False),
}
PERSON = {"email": (str, True), "name": (str, False)}
CONTENT = {"type": (str, True), "value": (str, True)}
ATTACHMENT = {
    "content": (str, True),
    "type": (str, False),
    "filename": (str, True),
    "disposition": (str, False),
    "content_id": (str, False),
}


def errors_of(request):
    """Return what SendGrid would find wrong with a request: the names of fields."""
    found = _shape(request, REQUEST, "")
    if found:
        return found
    groups = request["personalizations"]
    if not 1 <= len(groups) <= 1000:
        found.append("personalizations")
    found += _recipients(groups)
    people = [request["from"], *request.get("reply_to_list", [])]
    found += [error for each in people for error in _person(each, "from")]
    if not request["subject"]:
        found.append("subject")
    found += _contents(request["content"])
    found += [error for each in request.get("attachments", []) for error in _attachment(each)]
    for name, value in request.get("headers", {}).items():
        if name.lower() in RESERVED or not isinstance(value, str) or not value.isascii():
            found.append(f"headers.{name}")
    return found


def _shape(value, fields, where):
    found = [f"{where}{name}" for name in value if name not in fields]
    for name, (kind, required) in fields.items():
        if name in value:
            if not isinstance(value[name], kind) or (kind is not int and not value[name]):
                found.append(f"{where}{name}")
        elif required:
            found.append(f"{where}{name}")
    return found


def _person(person, where):
    found = _shape(person, PERSON, f"{where}.")
    if not found and not ADDRESS.fullmatch(person["email"]):
        found.append(f"{where}.email")
    return found


def _recipients(groups):
    found, count = [], 0
    for group in groups:
        found += _shape(group, PERSONALIZATION, "personalizations.")
        people = [each for name in ("to", "cc", "bcc") for each in group.get(name, [])]
        found += [error for each in people for error in _person(each, "personalizations")]
        addresses = [each["email"].lower() for each in people]
        if len(set(addresses)) < len(addresses):
            found.append("personalizations: an address occurs twice")
        count += len(people)
    if count > 1000:
        found.append("personalizations: too many recipients")
    return found


def _contents(contents):
    found = [error for each in contents for error in _shape(each, CONTENT, "content.")]
    kinds = [each.get("type") for each in contents]
    order = ["text/plain", "text/html"]
    known = [kind for kind in kinds if kind in order]
    if known != sorted(known, key=order.index) or kinds[: len(known)] != known:
        found.append("content: text/plain is first, then text/html, then any others")
    return found


def _attachment(attachment):
    found = _shape(attachment, ATTACHMENT, "attachments.")
    if not found:
        base64.b64decode(attachment["content"], validate=True)
        if attachment.get("disposition") not in {None, "inline", "attachment"}:
            found.append("attachments.disposition")
    return found

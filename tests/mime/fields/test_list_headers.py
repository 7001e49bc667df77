"""Mailing lists' fields (RFC 2369, RFC 2919, RFC 8058)."""

from netmail import parse


def test_list_fields():
    """RFC 2919, RFC 2369, RFC 8058."""
    raw = (
        'List-Id: "A =?utf-8?q?l=C3=AFst?=" <a.lists.example>\n'
        "List-Unsubscribe: <https://a.example/u?x=1,2>,\n <mailto:u@a.example> (comment)\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n"
    )
    mail = parse(raw)

    assert mail.list_id == ("A lïst", "a.lists.example")
    assert mail.list_unsubscribe == ["https://a.example/u?x=1,2", "mailto:u@a.example"]
    assert mail.one_click_unsubscribe


def test_mail_without_list_fields():
    """Ordinary mail has none."""
    mail = parse("\nx")

    assert mail.list_id is None
    assert mail.list_unsubscribe == []
    assert mail.one_click_unsubscribe is False

r"""What mailboxes are for: by attributes of SPECIAL-USE and XLIST, and by names known in the field.

This file is data: attributes, and names in many languages, written in small letters. It knows no
command.
"""

from collections.abc import Iterable
from typing import Final

from netmail.results.imap_mailbox import SpecialUse

# use-attr = "\All" / "\Archive" / "\Drafts" / "\Flagged" / "\Junk" / "\Sent" / "\Trash" /
#            use-attr-ext (RFC 6154 section 6), "\Important" (RFC 8457 section 6)
#
# XLIST of Gmail, from before RFC 6154: \AllMail, \Starred, \Spam. Its \Inbox is no use: INBOX is
# found by its name.
_ATTRIBUTES: Final = {
    **{f"\\{use.value}": use for use in SpecialUse},
    "\\allmail": SpecialUse.ALL,
    "\\spam": SpecialUse.JUNK,
    "\\starred": SpecialUse.FLAGGED,
}

# In this order: a server that has "Sent Items" and "Sent" uses the first one.
NAMES: Final[dict[SpecialUse, str]] = {
    # Gmail in several languages: "[Gmail]/All Mail", "[Gmail]/Alle Nachrichten"
    SpecialUse.ALL: (
        "all mail, all messages, alle nachrichten, tous les messages, todos, todo el correo, "
        "tutti i messaggi, alle berichten, toda a correspondência, вся почта, "
        "すべてのメール, 所有邮件"
    ),
    # Thunderbird makes "Archives", Apple Mail and Outlook "Archive".
    SpecialUse.ARCHIVE: (
        "archive, archives, archiv, archivieren, archivo, archivio, archief, arquivo, arkiv, "
        "arkisto, archiwum, архив, архів, arşiv, アーカイブ, 存档, 归档, 封存, 보관함"
    ),
    SpecialUse.DRAFTS: (
        "drafts, draft, entwürfe, entwurf, brouillons, brouillon, borradores, borrador, bozze, "
        "concepten, rascunhos, utkast, kladder, udkast, luonnokset, szkice, kopie robocze, "
        "koncepty, rozepsané, piszkozatok, черновики, чернетки, taslaklar, πρόχειρα, 下書き, 草稿, "
        "草稿箱, 草稿匣, 임시보관함"
    ),
    SpecialUse.FLAGGED: (
        "starred, flagged, markiert, suivis, destacados, speciali, met ster, com estrela, "
        "помеченные, スター付き, 已加星标"
    ),
    SpecialUse.IMPORTANT: (
        "important, wichtig, importantes, importanti, belangrijk, importante, важное, 重要"
    ),
    # Outlook makes "Junk E-mail", Yahoo "Bulk Mail", most others "Junk" or "Spam".
    SpecialUse.JUNK: (
        "junk e-mail, junk email, junk mail, junk, spam, bulk mail, bulk, junk-e-mail, "
        "spamverdacht, unerwünscht, werbung, courrier indésirable, pourriel, indésirables, "
        "correo no deseado, correo basura, posta indesiderata, ongewenste e-mail, ongewenst, "
        "lixo eletrônico, "
        "skräppost, søppelpost, uønsket e-mail, roskaposti, wiadomości-śmieci, nevyžádaná pošta, "
        "levélszemét, спам, нежелательная почта, önemsiz, ανεπιθύμητα, "
        "迷惑メール, 垃圾邮件, 垃圾郵件, 스팸메일함"
    ),
    # Outlook makes "Sent Items", Apple Mail "Sent Messages", Gmail "Sent Mail", pine "sent-mail".
    SpecialUse.SENT: (
        "sent items, sent messages, sent mail, sent-mail, sent, gesendete elemente, "
        "gesendete objekte, gesendet, éléments envoyés, messages envoyés, envoyés, "
        "elementos enviados, mensajes enviados, enviados, posta inviata, inviati, inviata, "
        "verzonden items, verzonden, itens enviados, skickat, skickade objekt, sendte elementer, "
        "sendt, sendt post, lähetetyt, wysłane, odeslané, odeslaná pošta, elküldött elemek, "
        "elküldött, отправленные, надіслані, gönderilmiş öğeler, gönderilenler, απεσταλμένα, "
        "送信済み, 送信済みアイテム, 已发送, 已发送邮件, 寄件備份, 보낸메일함"
    ),
    # Outlook makes "Deleted Items", Apple Mail "Deleted Messages", Gmail "Trash" or "Bin".
    SpecialUse.TRASH: (
        "deleted items, deleted messages, trash, deleted, bin, gelöschte elemente, "
        "gelöschte objekte, gelöscht, papierkorb, éléments supprimés, corbeille, "
        "elementos eliminados, papelera, cestino, posta eliminata, eliminata, verwijderde items, "
        "prullenbak, verwijderd, itens excluídos, lixeira, lixo, borttaget, papperskorgen, "
        "slettede elementer, papirkurv, papirkurven, roskakori, poistetut, kosz, usunięte, koš, "
        "odstraněná pošta, törölt elemek, lomtár, kuka, удаленные, удалённые, корзина, кошик, "
        "silinmiş öğeler, çöp kutusu, κάδος, "
        "ゴミ箱, 削除済みアイテム, 已删除, 已删除邮件, 垃圾桶, 휴지통"
    ),
}
"""Names of mailboxes for each use, as mail programs and servers make them."""


def uses_of(attributes: Iterable[str]) -> tuple[SpecialUse, ...]:
    r"""List what a mailbox is for by its attributes, such as "\Sent".

    RFC 6154 section 2.
    """
    # "\Sent", "\SENT": attributes are case-insensitive, RFC 9051 section 9: mbx-list-flags.
    found = (_ATTRIBUTES.get(attribute.lower()) for attribute in attributes)
    return tuple(dict.fromkeys(use for use in found if use is not None))


def rank(name: str, delimiter: str | None, use: SpecialUse) -> tuple[int, int] | None:
    """Tell how well a mailbox's name fits a use; `None` if it does not, the smallest is the best.

    Only names at the top or directly below another one count: "INBOX.Sent", "[Gmail]/Sent Mail".
    """
    # INBOX.Sent where the delimiter is ".", [Gmail]/Sent Mail where it is "/"; what is deeper, such
    # as Work/2019/Sent, is a mailbox of the user's own.
    levels = name.split(delimiter) if delimiter else [name]
    names = [each.strip().casefold() for each in NAMES[use].split(",")]
    known = levels[-1].casefold()
    if len(levels) > 2 or known not in names:
        return None
    return len(levels), names.index(known)

"""Charset labels seen in mail, each with the codecs that read what is meant by it.

This file is a table, and knows no text. Labels are read as the WHATWG Encoding Standard reads
them, as names of their largest common superset: a text that calls itself "gb2312" may use all of
GB 18030. Only codecs named here are ever used: a label from a message never reaches
`codecs.lookup`, where it could mean "rot13", "idna" or an import.
"""

_PUNCTUATION = bytes(code for code in range(128) if not chr(code).isalnum())

# A label means its superset: quirk superset-charset.
_NAMES = {
    "ascii": "us ascii usascii ansi_x3.4-1968 iso646-us csascii 646 us-ascii-7bit 7bit",
    "utf-8": "utf8 utf-8 unicode-1-1-utf-8 x-unicode20utf8 utf8mb4 unicode20utf8 utf-8n",
    "utf-7": "utf7 unicode-1-1-utf-7 csunicode11utf7 x-unicode-2-0-utf-7",
    "utf-16": "utf16 unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff utf-16le-bom",
    "utf-16-le": "utf16le",
    "utf-16-be": "utf16be unicodefffe",
    "utf-32": "utf32 ucs-4 iso-10646-ucs-4",
    "cp1252": "iso-8859-1 latin1 latin-1 l1 iso8859-1 iso_8859-1:1987 cp819 ibm819 windows-1252"
    " cp1252 x-cp1252 1252 ansi iso-ir-100 csisolatin1 iso88591 western",
    "cp1250": "windows-1250 cp1250 x-cp1250 1250",
    "cp1251": "windows-1251 cp1251 x-cp1251 1251 win1251 win-1251 windows-cyrillic",
    "cp1253": "windows-1253 cp1253 x-cp1253 1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 1254 iso-8859-9 latin5 l5 csisolatin5 iso88599",
    "cp1255": "windows-1255 cp1255 x-cp1255 1255",
    "cp1256": "windows-1256 cp1256 x-cp1256 1256",
    "cp1257": "windows-1257 cp1257 x-cp1257 1257",
    "cp1258": "windows-1258 cp1258 x-cp1258 1258",
    "iso8859-2": "iso-8859-2 latin2 l2 csisolatin2 iso88592 iso-ir-101",
    "iso8859-3": "iso-8859-3 latin3 l3 csisolatin3 iso88593",
    "iso8859-4": "iso-8859-4 latin4 l4 csisolatin4 iso88594",
    "iso8859-5": "iso-8859-5 cyrillic csisolatincyrillic iso88595",
    "iso8859-6": "iso-8859-6 arabic csisolatinarabic ecma-114 asmo-708 iso-8859-6-e iso-8859-6-i",
    "iso8859-7": "iso-8859-7 greek greek8 csisolatingreek ecma-118 elot_928 sun_eu_greek",
    "iso8859-8": "iso-8859-8 iso-8859-8-i iso-8859-8-e hebrew logical visual csisolatinhebrew"
    " csiso88598i csiso88598e",
    "iso8859-10": "iso-8859-10 latin6 l6 csisolatin6",
    "cp874": "iso-8859-11 tis-620 cp874 windows-874 dos-874 x-windows-874",
    "iso8859-13": "iso-8859-13 latin7",
    "iso8859-14": "iso-8859-14 latin8",
    "iso8859-15": "iso-8859-15 latin9 latin-9 l9 csisolatin9",
    "iso8859-16": "iso-8859-16 latin10",
    "koi8-r": "koi8-r koi8 koi cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "koi8-t": "koi8-t",
    "mac-roman": "macintosh mac macroman x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian maccyrillic",
    "cp437": "ibm437 cp437 437 cspc8codepage437",
    "cp850": "ibm850 cp850 850 cspc850multilingual",
    "cp852": "ibm852 cp852 852 cspcp852",
    "cp855": "ibm855 cp855",
    "cp858": "ibm00858 cp858 cp00858",
    "cp862": "ibm862 cp862 cspc862latinhebrew dos-862",
    "cp866": "ibm866 cp866 866 csibm866",
    "ptcp154": "ptcp154 csptcp154 cyrillic-asian",
    "gb18030": "gb18030 gb2312 gbk gb_2312-80 chinese csgb2312 cp936 ms936 windows-936 936 x-gbk"
    " euc-cn gb2312-80 x-euc-cn iso-ir-58 csiso58gb231280 gb18030-2000 hz-gb18030",
    "hz": "hz hz-gb-2312 hzgb",
    "big5hkscs cp950": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 big5-eten cp950 950 ms950",
    "cp932 shift_jis_2004": "shift_jis shift-jis sjis x-sjis ms_kanji csshiftjis windows-31j cp932"
    " ms932 932",
    "euc_jp euc_jis_2004 euc_jisx0213": "euc-jp x-euc-jp eucjp ujis cseucpkdfmtjapanese"
    " cp51932 eucjp-ms",
    "iso2022_jp_2 iso2022_jp_2004 iso2022_jp_ext": "iso-2022-jp csiso2022jp jis iso-2022-jp-1"
    " iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ext cp50220 cp50221 iso-2022-jp-ms",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601 ks_c_5601-1989 ksc5601 ksc_5601 korean cp949 949"
    " windows-949 uhc cseuckr csksc56011987 ms949 iso-ir-149 euckr",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "johab": "johab cp1361",
}
"""Codecs, best first, and the labels that mean them."""

MULTI_BYTE = frozenset(
    [
        "utf-8",
        "gb18030",
        "hz",
        "big5hkscs",
        "cp950",
        "cp932",
        "euc_jp",
        "iso2022_jp_2",
        "cp949",
        "iso2022_kr",
        "johab",
    ]
)
"""Codecs under which a few bad octets still leave a text that is mostly right."""


def _fold(label: str) -> str:
    """Drop case and punctuation: "CP-1251", "cp_1251" and "CP1251" are one label."""
    # Not a regular expression: this runs for every label of the table when the module is loaded.
    return label.lower().encode("ascii", "ignore").translate(None, _PUNCTUATION).decode("ascii")


_CODECS = {
    spelling: tuple(codecs.split())
    for codecs, labels in _NAMES.items()
    for label in (*labels.split(), *codecs.split())
    for spelling in (label, _fold(label))
}


def codecs_for(label: str) -> tuple[str, ...]:
    """Return the codecs for a label, best first; none if the label is not known.

    Args:
        label: As found in a message: any case, quotes and punctuation.

    WHATWG Encoding Standard section 4.2.
    """
    found = _CODECS.get(label)
    if found is not None:
        return found
    folded = _fold(label[:80])
    found = _CODECS.get(folded)
    # "x-koi8-r": charset names by private agreement begin with "X-" (RFC 2046 section 4.1.2).
    if found is None and folded.startswith("x"):
        found = _CODECS.get(folded[1:])
    return found or ()

"""What a scripted POP3 server says at the beginning and at the end, for tests of the layers above.

Nothing here knows what is tested.
"""

from servers.scripted import Expect, Send

HELLO = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"-ERR what\r\n")]
NOOP = [Expect(b"NOOP"), Send(b"+OK\r\n")]
QUIT = [Expect(b"QUIT"), Send(b"+OK bye\r\n")]

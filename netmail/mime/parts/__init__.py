"""The structure of a message that is read: parts, bodies, attachments, reports."""

"""What she writes on her page: it continues the conversation as an answer by text or mail would."""

from datetime import datetime

from outreach.messages import inbound, keywords
from outreach.messages.conversations import ON_HER_PAGE
from outreach.messages.inbound import WordsEvent
from outreach.models import Lookbook, Message, Reply


def reply(book: Lookbook, words: str, *, token: str, now: datetime) -> bool:
    """Put her words into the thread of the note; False for a repeat (`token`) or without a note.

    Whoever has the link may write, so words here allow nothing: a START is only words. A STOP is
    obeyed all the same, for the page has a link that does no less.
    """
    note = Message.objects.filter(lookbook=book).first()
    if note is None or not note.to_address:
        return False
    is_stop = keywords.meaning(words) == Reply.Kind.STOP
    return inbound.apply(
        WordsEvent(
            provider=ON_HER_PAGE,
            provider_id=f"{book.pk}:{token}",
            channel=note.channel,
            from_address=note.to_address,
            body=words,
            at=now,
            kind=Reply.Kind.STOP if is_stop else Reply.Kind.WORDS,
            message_id=note.pk,
        )
    )


def has_written(note: Message) -> bool:
    """Whether words of hers came in by the page of this note."""
    return note.replies.filter(provider=ON_HER_PAGE).exists()

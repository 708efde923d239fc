"""The statuses of an interaction, and what each allows.

queued                  waiting for a server to run it            read, cancel, delete
in_progress             running                                   read, cancel, delete
idle                    alive, and nothing to do; not set here    read, cancel, delete
completed               the model was done                        read, go on from, delete
requires_action         it called functions                       read, go on from, delete
requires_continuation   this server's own decode limit was met    read, go on from, delete
incomplete              the token limit was met                   read, go on from, delete
cancelled               somebody stopped it                       read, go on from, delete
failed                  something failed                          read, delete
budget_exceeded         an agent used up its budget; not set here read, delete
"""

from typing import Final

from interplay import wire

QUEUED: Final = "queued"
IN_PROGRESS: Final = "in_progress"
IDLE: Final = "idle"
COMPLETED: Final = "completed"
REQUIRES_ACTION: Final = "requires_action"
REQUIRES_CONTINUATION: Final = "requires_continuation"
INCOMPLETE: Final = "incomplete"
CANCELLED: Final = "cancelled"
FAILED: Final = "failed"
BUDGET_EXCEEDED: Final = "budget_exceeded"

NOT_ENDED: Final = frozenset({QUEUED, IN_PROGRESS, IDLE})
"""While these last, there are events to come."""

CAN_GO_ON: Final = frozenset({COMPLETED, REQUIRES_ACTION, REQUIRES_CONTINUATION, INCOMPLETE, CANCELLED})
"""From which statuses a conversation goes on."""

TERMINAL_EVENT: Final = str(wire.InteractionCompletedEvent.__struct_config__.tag)
"""The `event_type` that is the last of every log."""

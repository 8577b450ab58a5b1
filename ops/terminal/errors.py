"""What can keep a command from doing its work: one closed family, each a sentence that says what to do.

    OpsError
    ├── Misuse         the command line or a file is not what the command takes
    │   ├── NoStack    the stack is not known, or its outputs are not those of this program
    │   └── NoLetter   no dead letter, or more than one, has that id
    └── Refusal        AWS did not do it
        ├── Denied     no credentials, expired ones, or ones that lack a permission
        ├── Missing    a resource of the stack is not there
        ├── Invalid    AWS takes no such request, now or later
        ├── Busy       AWS asked to come again later
        ├── Unanswered no answer came, so nobody knows whether it was done
        └── Unknown    anything else that AWS may answer

A command that fails with one of them ends with exit status 2. Exit status 1 is no error: the command did its work, and
what it found needs attention.
"""

from __future__ import annotations


class OpsError(Exception):
    """Root of the family; only its leaves are raised, besides `Misuse` itself."""


class Misuse(OpsError):
    """Another command line would do."""


class NoStack(Misuse):
    """There is no such stack, or not what makes one."""


class NoLetter(Misuse):
    """The id names no dead letter, or several."""


class Refusal(OpsError):
    """AWS did not do what was asked."""


class Denied(Refusal):
    """AWS does not accept the credentials, or they lack a permission."""


class Missing(Refusal):
    """What the stack's outputs name is not there."""


class Invalid(Refusal):
    """The request itself is not what AWS takes, such as a batch that is too long."""


class Busy(Refusal):
    """AWS answered that it has not done it, and may do so later."""


class Unanswered(Refusal):
    """The request may have been done or not."""


class Unknown(Refusal):
    """An answer that this module has no sentence for."""

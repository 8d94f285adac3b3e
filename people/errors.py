"""What this room refuses."""


class PeopleError(Exception):
    """A refusal: one sentence that says what to do instead, and a stable `code`."""

    code = "refused"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class SignInRefused(PeopleError):
    """Nobody was let in. `wait_seconds`: how long the next try has to wait; 0 when it need not."""

    code = "sign_in_refused"

    def __init__(self, message: str, code: str | None = None, wait_seconds: int = 0) -> None:
        super().__init__(message, code)
        self.wait_seconds = wait_seconds


class NotSignedIn(PeopleError):
    """Show the log-in page."""

    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class NotAllowed(PeopleError):
    """They are known, and may not do this."""

    code = "not_allowed"


class PasswordIsOld(PeopleError):
    """They are to choose a password of their own before anything else."""

    code = "must_change_password"

    def __init__(self) -> None:
        super().__init__("Choose a password of your own first.")


class LastAdministrator(PeopleError):
    """Nobody would be left who can let people in."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("This is the last administrator; make somebody else one before.")

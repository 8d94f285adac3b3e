"""What goes wrong with Asterisk or a softphone, each with one sentence that says what to do."""


class AsteriskError(Exception):
    code = "asterisk"


class InstallFailed(AsteriskError):
    code = "asterisk_install_failed"


class ConfigureFailed(AsteriskError):
    code = "asterisk_configure_failed"


class StartFailed(AsteriskError):
    code = "asterisk_start_failed"


class PhoneFailed(AsteriskError):
    code = "softphone_failed"

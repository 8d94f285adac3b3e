"""Telephone numbers as people type them, and the pseudonym by which they are found again."""

import hashlib
import hmac

import phonenumbers

from notices.errors import NoticeError

LONGEST = 40
_CALLABLE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def e164(typed: str, way: str) -> str:
    """ "0532 123 45 67" becomes "+905321234567". Raises `bad_number`; an SMS needs a mobile number."""
    try:
        number = phonenumbers.parse(typed[:LONGEST], "TR")
    except phonenumbers.NumberParseException:
        raise NoticeError("Write a telephone number such as 0532 123 45 67.", "bad_number") from None
    kind = phonenumbers.number_type(number)
    if len(typed) > LONGEST or number.country_code != 90 or kind not in _CALLABLE or number.extension:
        raise NoticeError("Write a Turkish telephone number such as 0532 123 45 67.", "bad_number")
    if way == "sms" and kind is phonenumbers.PhoneNumberType.FIXED_LINE:
        raise NoticeError("A landline takes no SMS; choose a call, or give a mobile number.", "not_mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def pseudonym(number: str, secret: str) -> str:
    """Equal for equal numbers; without the secret, the number cannot be found from it by trying all numbers."""
    return hmac.new(secret.encode(), number.encode(), hashlib.sha256).hexdigest()

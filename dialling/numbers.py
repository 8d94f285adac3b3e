"""Which numbers are called, and the pseudonym by which a number is found again."""

import hashlib
import hmac

import phonenumbers
from phonenumbers import PhoneNumberType

from dialling.errors import DiallingError

REGION = "TR"
COUNTRY = 90
LONGEST = 40
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
ABROAD = ("392",)
"""Northern Cyprus: below +90, but charged as a foreign country."""


def callable_number(number: str) -> str:
    """The number as +90…; `not_callable` for premium, service and foreign numbers, and for what is none."""
    try:
        parsed = phonenumbers.parse(number[:LONGEST], REGION)
    except phonenumbers.NumberParseException:
        raise DiallingError("This is no telephone number.", "not_callable") from None
    national = phonenumbers.national_significant_number(parsed)
    geographic = phonenumbers.number_type(parsed) in KINDS and not national.startswith(ABROAD)
    if parsed.country_code != COUNTRY or not geographic or parsed.extension or len(number) > LONGEST:
        raise DiallingError("Only landline and mobile numbers in Türkiye are called.", "not_callable")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def pseudonym(number: str, secret: str) -> str:
    """Equal for equal numbers; without the secret, the number cannot be found from it by trying all numbers."""
    return hmac.new(secret.encode(), number.encode(), hashlib.sha256).hexdigest()

"""Headers that keep pages to themselves: nothing from other hosts, nothing inline, no frames."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGE = {
    "Content-Security-Policy": PAGE_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # with "no-referrer" browsers send forms with `Origin: null`, which looks like another site's
    "Referrer-Policy": "same-origin",
    "Vary": "HX-Request",
}

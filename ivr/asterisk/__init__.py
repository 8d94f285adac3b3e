"""Asterisk around the hotline: found or unpacked, configured, run, called for tests, and listened to.

A whole call against the real thing (tests/asterisk_stand.py has ready helpers, tests/test_asterisk_live.py an example):

    found = ensure_asterisk()                      # install.py: seconds the first time, cached afterwards
    configure(settings, found)                     # configure.py: settings.driver "ari" or "agi" chooses the way in
    async with (
        AsteriskServer(found, settings),           # supervisor.py: ready when entered (0.3 s), stopped when left
        Softphone(folder, "05321234567", server_port=settings.sip_port) as phone,
    ):
        await phone.dial("185")                    # answered when it returns
        await phone.pause()                        # something was said, and has ended
        await phone.press("496")
        await phone.ended()
    listen(phone.recording, prompt_files)          # listening.py: which prompt was heard when

The dialplan probes `http://host:port/health` before it hands a call over: without an answer it plays the fallback.
"""

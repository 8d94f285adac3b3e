from ivr.cli import app

app(prog_name="alo185")

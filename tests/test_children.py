"""What carries sound goes before other programs."""

import os
import subprocess

from ivr.children import SOONER, goes_first


def test_a_process_that_carries_sound_goes_first_where_that_is_allowed() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        before = os.getpriority(os.PRIO_PROCESS, child.pid)
        goes_first(child.pid)
        allowed = os.getuid() == 0
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == (SOONER if allowed else before)
        child.kill()


def test_one_that_has_ended_already_is_no_mistake() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    goes_first(child.pid)

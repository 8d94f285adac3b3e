"""What carries sound goes before other programs."""

import os
import subprocess

from ivr.children import SOONER, goes_first


def test_a_process_that_carries_sound_goes_first_where_that_is_allowed() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        before = os.getpriority(os.PRIO_PROCESS, child.pid)
        goes_first(child.pid)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == (SOONER if may_prefer() else before)
        child.kill()


def may_prefer() -> bool:
    """Root in a container often may not."""
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            os.setpriority(os.PRIO_PROCESS, child.pid, SOONER)
        except PermissionError:
            return False
        finally:
            child.kill()
        return True


def test_one_that_has_ended_already_is_no_mistake() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    goes_first(child.pid)

"""What the fixtures of this tier give."""

from collections.abc import Callable

from scripted import ChaosProxy, RawServer

from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

Raw = Callable[..., RawServer]
Chaos = Callable[..., ChaosProxy]
Open = Callable[..., Adapter]
Read = Callable[..., list[Draft]]

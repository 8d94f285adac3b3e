"""Table of the public pages' addresses."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class PublicAddress(Base):
    """An address that was once given to an area and is never given to another."""

    __tablename__ = "public_addresses"

    path: Mapped[str] = mapped_column(String(160), primary_key=True)
    """ "gebze" or "gebze/yeni-mahalle"."""
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)

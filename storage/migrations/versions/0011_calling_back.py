"""Who asked to be called: when the water is back, before planned work, when their turn in the queue comes."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

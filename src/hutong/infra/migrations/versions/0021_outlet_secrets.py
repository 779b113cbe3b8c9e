"""No token lies in an outlet any more: of the secrets of QQ bots, which are tokens, stays what signing needs."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    # The seed of the key is the secret, repeated and cut; whoever signs with the seed signs as before, also a process
    # of the release before. Others than ASCII were never tokens.
    op.execute(
        """
        UPDATE openplatform_outlet SET secret = left(repeat(secret, 32), 32)
        WHERE kind = 'qqbot' AND secret <> '' AND octet_length(secret) = char_length(secret)
        """
    )

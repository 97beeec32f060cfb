"""What every form that changes something carries, besides its token."""

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from tracker.audit.once import new_key


class ActForm(FlaskForm):  # type: ignore[misc]
    """A form of one act: sent twice, the act is done once (`audit.once.do_once`)."""

    key = HiddenField(validators=[InputRequired(), Length(max=40)], default=new_key)

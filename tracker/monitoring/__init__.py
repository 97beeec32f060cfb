"""What the team watches: how suppliers are used, who lags behind, what ends soon, what is missing."""

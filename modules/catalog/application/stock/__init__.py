"""Stock of variants: what moves it, what is set aside of it, and what is shown of both."""

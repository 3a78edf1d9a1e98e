"""Pure mathematics: no Django, no database, no clock; frozen values in, a frozen result out."""

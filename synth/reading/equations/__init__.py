"""Programs as mathematics: equations in which values that are used once are written where they are used."""

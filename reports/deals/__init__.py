"""What the screens of deals show: the board, the card, its gates and its feed."""

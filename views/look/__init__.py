"""What templates ask for: icons, files, controls, cells, conditions, words of the scripts."""

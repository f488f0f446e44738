"""Tests of files, and pictures made by code: nobody's real photo lies here."""

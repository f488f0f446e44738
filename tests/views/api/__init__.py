"""The REST API, tried: the same verbs, rights, gates and masks as the pages; errors in words."""

SECRET = "Тайна Олега"
NOUNS = ("leads", "deals", "clients", "tasks")


def words_of(answer):
    """The sentence of a refusal."""
    assert answer.is_json, answer.text
    return answer.json["error"]["words"]

"""How far the rules and the counsellors' own, blind judgement agree."""

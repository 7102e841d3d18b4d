"""What a browser computes for the sign-up form."""

import altcha


def solve(challenge: dict[str, object]) -> str:
    found = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(found, altcha.solve_challenge(found)).to_base64()

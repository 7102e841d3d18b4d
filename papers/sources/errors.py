class SourceError(Exception):
    """A source could not be read: which one, what is wrong, and what to do about it."""

    def __init__(self, source: str, problem: str, remedy: str) -> None:
        super().__init__(f"{source}: {problem}. {remedy}")
        self.source = source
        self.problem = problem
        self.remedy = remedy

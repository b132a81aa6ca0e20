# SPDX-License-Identifier: Apache-2.0
"""The failure that a user is told."""


class Refused(Exception):
    """`code` is the exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code

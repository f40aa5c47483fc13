# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a request: TLS and server, the application, validation against the contract, the reply."""

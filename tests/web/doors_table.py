"""Who may enter which page: `METHOD path` -> roles. A route that is not here fails the build.

`all`: anybody, signed in or not. `in`: every role, both factors given. `half`: any login, however
far. `hook`: providers only. Otherwise the roles, separated by blanks.
"""

TABLE: dict[str, str] = {
    # providers
    "POST /hooks/telegram": "hook",
    "POST /hooks/twilio": "hook",
    "POST /hooks/twilio/status": "hook",
    # everybody
    "GET /": "all",
    "GET /privacy": "all",
    "GET /health": "all",
    "GET /ready": "all",
    "GET /sign-in": "all",
    "POST /sign-in": "all",
    # after the password
    "GET /sign-in/code": "half",
    "POST /sign-in/code": "half",
    "GET /sign-in/enrol": "half",
    "POST /sign-in/enrol": "half",
    "GET /sign-in/enrol.svg": "half",
    "POST /sign-out": "half",
    "GET /account/password": "half",
    "POST /account/password": "half",
    # one's own account
    "GET /account": "in",
    "POST /account/language": "in",
    "POST /account/codes": "in",
    # console and portal
    "GET /console": "OP SO CO",
    "GET /console/live": "OP SO CO",
    "POST /console/take": "OP SO",
    "POST /console/shift": "OP SO",
    "POST /console/task/{id}/done": "OP SO CO",
    "POST /console/task/{id}/again": "OP SO CO",
    "GET /console/talk/{id}": "OP SO",
    "GET /console/talk/{id}/live": "OP SO",
    "POST /console/talk/{id}/beat": "OP SO",
    "POST /console/talk/{id}/draft": "OP SO",
    "POST /console/talk/{id}/reply": "OP SO",
    "POST /console/talk/{id}/insert": "OP SO",
    "GET /console/talk/{id}/file/{file}": "OP SO",
    "POST /console/talk/{id}/note": "OP SO",
    "POST /console/talk/{id}/class": "OP SO",
    "POST /console/talk/{id}/level": "OP SO",
    "POST /console/talk/{id}/anonymity": "OP SO",
    "POST /console/talk/{id}/callback": "OP SO",
    "POST /console/talk/{id}/back": "OP SO",
    "POST /console/talk/{id}/release": "OP SO",
    "POST /console/talk/{id}/close": "OP SO",
    "GET /console/talk/{id}/refer": "OP SO CO",
    "POST /console/talk/{id}/refer": "OP SO CO",
    "GET /console/referrals": "OP SO CO",
    "GET /console/referral/{id}": "OP SO CO",
    "POST /console/referral/{id}/ask": "OP SO CO",
    "POST /console/referral/{id}/recall": "OP SO CO",
    "GET /console/board": "SO",
    "GET /console/board/live": "SO",
    "GET /console/look/{id}": "OP SO CO",
    "POST /console/look/{id}": "OP SO CO",
    "GET /console/audit": "AU",
    "POST /console/audit/verify": "AU",
    "GET /console/users": "AD",
    # demonstration only
    "GET /start/codes": "all",
    "GET /simulator": "all",
    "POST /simulator": "all",
    "GET /simulator/{phone}": "all",
    "GET /simulator/{phone}/live": "all",
    "POST /simulator/{phone}/write": "all",
    "POST /simulator/{phone}/press": "all",
    "POST /simulator/{phone}/more": "all",
    "POST /simulator/{phone}/forget": "all",
}

DEMO_ONLY = ("/start/codes", "/simulator")

"""The HTTP API, version 1."""

import contextlib
import time

import requests

FINISHED = ("succeeded", "failed", "cancelled")


class Refused(Exception):
    """The API refused a request; everything that it said about it."""

    def __init__(self, answer):
        self.status = answer.status_code
        self.media_type = answer.headers.get("content-type", "")
        self.problem = answer.json() if "json" in self.media_type else {}
        self.code = self.problem.get("code")
        self.title = self.problem.get("title", "")
        self.suggestion = self.problem.get("suggestion") or ""
        self.fields = {each["name"]: each["message"] for each in self.problem.get("fields") or []}
        super().__init__(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}")


class API:
    """The API of one control plane, asked with one token."""

    def __init__(self, url, token):
        self.url = f"{url}/api/v1"
        self.token = token
        self._session = requests.Session()

    def ask(self, method, path, **options):
        """One request; its JSON. Raises `Refused` where it is refused."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        answer = self._session.request(method, self.url + path, headers=headers, timeout=30, **options)
        if answer.status_code >= 400:
            raise Refused(answer)
        return answer.json() if answer.content else None

    # Instances

    def create(self, name, key=None, **wish):
        """Asks for an instance. In development unless the wish says otherwise: those can be removed again."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/instances", json={"name": name, "stage": "dev", **wish}, headers=headers)

    def instances(self):
        return self.ask("GET", "/instances", params={"limit": 200})["items"]

    def instance(self, name):
        return self.ask("GET", f"/instances/{name}")

    def start(self, name):
        return self.ask("POST", f"/instances/{name}/start")

    def stop(self, name):
        return self.ask("POST", f"/instances/{name}/stop")

    def restart(self, name, mode):
        return self.ask("POST", f"/instances/{name}/restart", json={"mode": mode})

    def remove(self, name):
        return self.ask("DELETE", f"/instances/{name}")

    def change(self, name, etag=None, **settings):
        headers = {"If-Match": etag} if etag else {}
        return self.ask("PATCH", f"/instances/{name}/settings", json=settings, headers=headers)

    def log(self, name, **query):
        return self.ask("GET", f"/instances/{name}/log", params=query)["items"]

    # Jobs

    def job(self, job):
        return self.ask("GET", f"/jobs/{job}")

    def job_log(self, job):
        """The texts of a job's log."""
        return [line["text"] for line in self.ask("GET", f"/jobs/{job}/log", params={"limit": 1000})["items"]]

    def finished(self, job, within=180):
        """The job when nothing more will happen to it, which its events tell."""
        end = time.monotonic() + within
        while (seen := self.job(job))["state"] not in FINISHED:
            assert time.monotonic() < end, f"The job has not ended within {within} s: {seen}\n{self.told(job)}"
            self._await_last_event(job, end)
        return seen

    def _await_last_event(self, job, end):
        """Returns when the events of a job have ended, or broke off, or at the time `end`."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        # Each of its lines is a look at the clock: a heartbeat comes every 15 seconds.
        with contextlib.suppress(requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError):
            with self._session.get(
                    f"{self.url}/jobs/{job}/stream", headers=headers, stream=True, timeout=30) as answer:
                if answer.status_code >= 400:
                    raise Refused(answer)
                for line in answer.iter_lines(chunk_size=None):
                    if line == b"event: end" or time.monotonic() > end:
                        return

    def succeeded(self, job, within=180):
        """The job when it has done what it was for."""
        seen = self.finished(job, within)
        assert seen["state"] == "succeeded", f"{seen['kind']} {seen['state']}: {seen.get('reason')}\n{self.told(job)}"
        return seen

    def told(self, job):
        return "\n".join(f"    {line}" for line in self.job_log(job))

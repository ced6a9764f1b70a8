// A complete GoConnect client in one file, written against the published WebSocket contract alone.
// How to run it: README.md beside this file.
//
// One goroutine, the loop in (*client).run, owns all state; everything else only sends it events through a
// channel. So there is no lock and no question of order:
//
//	typed lines ──┐
//	frames      ──┼──> events ──> run: state, queue, requests in flight ──> the socket
//	timers      ──┘
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

const (
	backoffMin   = 250 * time.Millisecond // so that even a lucky draw leaves the server a breath
	backoffBase  = 500 * time.Millisecond
	backoffMax   = 20 * time.Second
	stableAfter  = 10 * time.Second // a connection must last this long before the backoff starts over
	replyTimeout = 10 * time.Second
	dialTimeout  = 10 * time.Second
	writeTimeout = 5 * time.Second
	queueLimit   = 100       // operations; the server takes 100 a minute, so more would only wait
	queueTTL     = time.Hour // "good morning" must not arrive in the evening
	pingEvery    = 25 * time.Second
	tick         = 100 * time.Millisecond // how exactly deadlines are kept
	maxFrame     = 1 << 20
)

type envelope struct {
	Type  string          `json:"type"`
	OpID  string          `json:"op_id,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Error *wireError      `json:"error,omitempty"`
}

type wireError struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Details json.RawMessage `json:"details,omitempty"`
}

func (e *wireError) Error() string { return e.Code + ": " + e.Message }

// retryAfter reads details.retry_after_ms; details of other errors have other shapes, hence the tolerance.
func (e *wireError) retryAfter() time.Duration {
	var details struct {
		Milliseconds float64 `json:"retry_after_ms"`
	}
	if json.Unmarshal(e.Details, &details) != nil || details.Milliseconds <= 0 {
		return time.Second
	}
	return time.Duration(details.Milliseconds) * time.Millisecond
}

// operation is a request that has not been answered. done is called exactly once.
type operation struct {
	opID     string
	kind     string
	data     any
	deadline time.Time // of the queue while it waits, of the reply once it was written
	done     func(data json.RawMessage, err error)
}

var (
	errUnknownOutcome = &wireError{Code: "unknown_outcome", Message: "sent, but there was no reply"}
	errExpired        = &wireError{Code: "expired", Message: "waited too long for a connection"}
	errQueueFull      = &wireError{Code: "queue_full", Message: fmt.Sprintf("%d operations are waiting already", queueLimit)}
	errClosed         = &wireError{Code: "closed", Message: "closed before it was sent"}
)

// What the loop hears. A connection names itself, so that news of an old one can be told from news of the current one.
type (
	opened struct{ conn *websocket.Conn }
	failed struct {
		status int // of the HTTP answer, 0 if there was none
		err    error
	}
	frame struct {
		conn *websocket.Conn
		text []byte
	}
	lost struct {
		conn *websocket.Conn
		code websocket.StatusCode
	}
	typed      struct{ line string }
	endOfInput struct{}
	hangUp     struct{}
)

type client struct {
	credentials *credentials
	wsURL       string
	scope       string
	events      chan any

	conn        *websocket.Conn // nil while away
	queue       []*operation    // not written yet: safe to keep while away
	inFlight    map[string]*operation
	attempt     int
	openedAt    time.Time
	dialAt      time.Time // when to try again; zero: not waiting
	nextPing    time.Time
	resumeAt    time.Time // rate limited until then
	freshToken  bool      // the last token was refused
	inputEnded  bool
	unanswered  int // chat messages that have not settled
	finalReason string
	refused     bool // the server will not have this client
}

// run is the whole behaviour: one event at a time until the client is done.
func (c *client) run(ctx context.Context) string {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	c.startDialing(ctx)
	for c.finalReason == "" {
		select {
		case event := <-c.events:
			c.handle(event)
		case now := <-ticker.C:
			c.keepTime(ctx, now)
		}
		if c.inputEnded && c.unanswered == 0 {
			c.finalReason = "closed at the end of the input"
		}
	}
	c.shutDown()
	return c.finalReason
}

func (c *client) handle(event any) {
	switch event := event.(type) {
	case opened:
		c.conn, c.openedAt, c.nextPing = event.conn, time.Now(), time.Now().Add(pingEvery)
		c.freshToken = false
		say("* connected")
		go c.read(event.conn)
		c.flush()
	case failed:
		c.onFailed(event)
	case frame:
		if event.conn == c.conn {
			c.onFrame(event.text)
		}
	case lost:
		if event.conn == c.conn {
			c.onLost(event.code)
		}
	case typed:
		c.sendChat(event.line)
	case endOfInput:
		c.inputEnded = true
	case hangUp:
		c.finalReason = "closed by the user"
	}
}

// keepTime does whatever has become due.
func (c *client) keepTime(ctx context.Context, now time.Time) {
	c.expire(now)
	if c.conn == nil {
		if !c.dialAt.IsZero() && now.After(c.dialAt) {
			c.startDialing(ctx)
		}
		return
	}
	if now.Sub(c.openedAt) > stableAfter {
		c.attempt = 0
	}
	if now.After(c.nextPing) {
		c.nextPing = now.Add(pingEvery)
		c.ping()
	}
	if refreshToken := c.credentials.dueForRenewal(now); refreshToken != "" {
		c.renew(refreshToken)
	}
	c.flush()
}

// --- the connection -------------------------------------------------------------------------------------------------

func (c *client) startDialing(ctx context.Context) {
	c.dialAt = time.Time{}
	fresh := c.freshToken
	say("* connecting")
	go func() {
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		token, err := c.credentials.token(ctx, fresh)
		if err != nil {
			c.post(failed{err: err})
			return
		}
		header := http.Header{"Authorization": {"Bearer " + token}}
		conn, response, err := websocket.Dial(ctx, c.wsURL, &websocket.DialOptions{HTTPHeader: header})
		if err != nil {
			status := 0
			if response != nil {
				status = response.StatusCode
			}
			c.post(failed{status: status, err: err})
			return
		}
		conn.SetReadLimit(maxFrame)
		c.post(opened{conn})
	}()
}

func (c *client) read(conn *websocket.Conn) {
	for {
		_, text, err := conn.Read(context.Background())
		if err != nil {
			code := websocket.CloseStatus(err)
			if code == -1 {
				code = websocket.StatusAbnormalClosure // the line broke without a goodbye
			}
			c.post(lost{conn, code})
			return
		}
		c.post(frame{conn, text})
	}
}

func (c *client) post(event any) { c.events <- event }

func (c *client) onFailed(event failed) {
	var refused *wireError
	switch {
	case errors.As(event.err, &refused) && refused.Code == "ERR_UNAUTHORIZED":
		c.giveUp(refused.Message)
	case event.status == http.StatusForbidden:
		c.giveUp("the server refuses this client (403)")
	case event.status == http.StatusUnauthorized:
		c.retryWithFreshToken("refused with HTTP 401")
	case event.status != 0:
		c.retry(fmt.Sprintf("refused with HTTP %d", event.status))
	default:
		c.retry("no connection")
	}
}

func (c *client) onLost(code websocket.StatusCode) {
	c.conn, c.resumeAt = nil, time.Time{}
	// Written, but unanswered: it may or may not have happened. Sending it again could do it twice, and only the
	// person knows whether that would be worse than not at all.
	for opID, op := range c.inFlight {
		delete(c.inFlight, opID)
		op.done(nil, errUnknownOutcome)
	}
	why := fmt.Sprintf("connection lost (%d)", code)
	switch {
	case code == 4401:
		c.retryWithFreshToken(why)
	case comesBack(code):
		c.retry(why)
	default:
		c.giveUp(fmt.Sprintf("the server closed for good (%d)", code))
	}
}

func (c *client) retryWithFreshToken(why string) {
	// There is no other token than a given one, so once refused there is nothing to try again.
	if c.freshToken || c.credentials.given != "" {
		c.giveUp("the server does not accept the token")
		return
	}
	c.freshToken = true
	c.retry(why)
}

func (c *client) giveUp(reason string) {
	c.finalReason, c.refused = reason, true
}

func (c *client) retry(why string) {
	delay := backoff(c.attempt, mathrand.Float64)
	c.attempt++
	c.dialAt = time.Now().Add(delay)
	say("* %s, next try in %d ms", why, delay.Milliseconds())
}

// backoff is full jitter: anything between nothing and the (capped) exponential, so that a thousand clients which
// lost the same server do not come back in step. The cap is applied before the dice are thrown.
func backoff(attempt int, random func() float64) time.Duration {
	ceiling := math.Min(float64(backoffMax), float64(backoffBase)*math.Pow(2, float64(min(attempt, 30))))
	return max(backoffMin, time.Duration(random()*ceiling))
}

// comesBack tells the close codes after which a client returns; all others are final.
func comesBack(code websocket.StatusCode) bool {
	return code == 1001 || code == 1005 || code == 1006 || (code >= 1011 && code <= 1014) || (code >= 4000 && code <= 4499)
}

// shutDown settles what is left and says goodbye (1000), so that the server knows at once.
func (c *client) shutDown() {
	for _, op := range c.queue {
		op.done(nil, errClosed)
	}
	if c.conn == nil {
		return
	}
	// Close waits for the server's goodbye, which the reading goroutine may still want to report.
	go func() {
		for range c.events {
		}
	}()
	c.conn.Close(websocket.StatusNormalClosure, "")
}

// --- operations -----------------------------------------------------------------------------------------------------

func (c *client) sendChat(body string) {
	if c.conn == nil {
		say("> queued: %s", body)
	}
	c.unanswered++
	c.enqueue(&operation{
		kind: "chat.send",
		data: map[string]any{"scope": c.scope, "body": body},
		done: func(data json.RawMessage, err error) {
			c.unanswered--
			if err != nil {
				say("! %s (%v)", body, err)
				return
			}
			var ack struct {
				MessageID string `json:"message_id"`
			}
			_ = json.Unmarshal(data, &ack)
			say("> sent: %s (%s)", body, ack.MessageID)
		},
	})
}

func (c *client) enqueue(op *operation) {
	if len(c.queue) >= queueLimit {
		op.done(nil, errQueueFull)
		return
	}
	op.opID = newOpID()
	op.deadline = time.Now().Add(queueTTL)
	c.queue = append(c.queue, op)
	c.flush()
}

func (c *client) flush() {
	for c.conn != nil && len(c.queue) > 0 && time.Now().After(c.resumeAt) {
		op := c.queue[0]
		c.queue = c.queue[1:]
		c.write(op)
	}
}

func (c *client) write(op *operation) {
	op.deadline = time.Now().Add(replyTimeout)
	c.inFlight[op.opID] = op
	text, err := json.Marshal(map[string]any{"type": op.kind, "op_id": op.opID, "data": op.data})
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
		defer cancel()
		err = c.conn.Write(ctx, websocket.MessageText, text)
	}
	if err != nil {
		c.conn.CloseNow() // the reader reports the loss, and that settles this operation
	}
}

// ping and renew are never queued: they mean this connection, now.
func (c *client) ping() {
	conn := c.conn
	c.write(&operation{opID: newOpID(), kind: "presence.ping", data: struct{}{}, done: func(_ json.RawMessage, err error) {
		if err == errUnknownOutcome {
			conn.CloseNow() // no answer within the deadline: the line is dead even if nobody said so
		}
	}})
}

func (c *client) renew(refreshToken string) {
	data := map[string]any{"refresh_token": refreshToken}
	c.write(&operation{opID: newOpID(), kind: "auth.refresh", data: data, done: func(data json.RawMessage, err error) {
		if err == nil {
			c.credentials.keep(data)
		}
	}})
}

// expire settles what waited too long: for a connection, or for a reply.
func (c *client) expire(now time.Time) {
	kept := c.queue[:0]
	for _, op := range c.queue {
		if now.After(op.deadline) {
			op.done(nil, errExpired)
		} else {
			kept = append(kept, op)
		}
	}
	c.queue = kept
	for opID, op := range c.inFlight {
		if now.After(op.deadline) {
			delete(c.inFlight, opID)
			op.done(nil, errUnknownOutcome)
		}
	}
}

func (c *client) onFrame(text []byte) {
	// One frame may carry several envelopes, one a line.
	for _, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var message envelope
		if json.Unmarshal(line, &message) != nil {
			say("* ignored a line that is no envelope")
			continue
		}
		c.onEnvelope(message)
	}
}

func (c *client) onEnvelope(message envelope) {
	op, mine := c.inFlight[message.OpID]
	if !mine {
		c.show(message)
		return
	}
	delete(c.inFlight, message.OpID)
	if message.Type != "error" || message.Error == nil {
		op.done(message.Data, nil)
		return
	}
	if message.Error.Code == "ERR_RATE_LIMIT" {
		// No failure, only "later": it had no effect and goes back to the head of the queue.
		delay := message.Error.retryAfter()
		op.deadline, c.resumeAt = time.Now().Add(queueTTL), time.Now().Add(delay)
		c.queue = append([]*operation{op}, c.queue...)
		say("* the server asks to slow down, going on in %d ms", delay.Milliseconds())
		return
	}
	op.done(nil, message.Error)
}

// show prints events, and errors that belong to no request.
func (c *client) show(message envelope) {
	switch message.Type {
	case "chat.message":
		var chat struct {
			Scope  string `json:"scope"`
			UserID string `json:"user_id"`
			Body   string `json:"body"`
		}
		if json.Unmarshal(message.Data, &chat) == nil && chat.Scope == c.scope {
			say("< %s: %s", chat.UserID, chat.Body)
		}
	case "error":
		say("! %v", message.Error)
	default:
		say("* %s %s", message.Type, message.Data)
	}
}

// --- credentials ----------------------------------------------------------------------------------------------------

// credentials logs in over HTTP. The password stays in this process: a refused token is replaced by logging in again.
// A mutex is not needed: the loop dials only while there is no connection, and renews only while there is one.
type credentials struct {
	base, email, password string
	given                 string // a token from the environment, used as it is

	accessToken, refreshToken string
	renewAt, endsAt           time.Time
}

func (c *credentials) token(ctx context.Context, fresh bool) (string, error) {
	if c.given != "" {
		return c.given, nil
	}
	if c.accessToken == "" || fresh || time.Now().After(c.endsAt) {
		if err := c.login(ctx); err != nil {
			return "", err
		}
	}
	return c.accessToken, nil
}

func (c *credentials) login(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"email": c.email, "password": c.password})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/v1/auth/login", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		refused := &wireError{Message: "login failed: " + response.Status}
		_ = json.NewDecoder(response.Body).Decode(refused)
		return refused
	}
	var reply struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		return err
	}
	c.keep(reply.Data)
	return nil
}

// keep counts the life of the token from now, not from the `exp` inside it: the clocks of two machines differ.
func (c *credentials) keep(data json.RawMessage) {
	var pair struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    int    `json:"expires_in"`
	}
	if json.Unmarshal(data, &pair) != nil || pair.AccessToken == "" {
		return
	}
	life := time.Duration(pair.ExpiresIn) * time.Second
	c.accessToken, c.refreshToken = pair.AccessToken, pair.RefreshToken
	c.renewAt, c.endsAt = time.Now().Add(life*8/10), time.Now().Add(life)
}

// dueForRenewal hands out the refresh token once 80 % of the life is over. It is spent by its use, whatever comes of it.
func (c *credentials) dueForRenewal(now time.Time) string {
	if c.refreshToken == "" || now.Before(c.renewAt) {
		return ""
	}
	refreshToken := c.refreshToken
	c.refreshToken = ""
	return refreshToken
}

// --- the command line -----------------------------------------------------------------------------------------------

func say(format string, values ...any) { fmt.Printf(format+"\n", values...) }

func newOpID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return "op-" + hex.EncodeToString(random)
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// isServerAddress tells whether a client can be at home there: anything else would be asked for again and again, in vain.
func isServerAddress(text string) bool {
	address, err := url.Parse(text)
	return err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Hostname() != "" &&
		address.User == nil && address.RawQuery == "" && address.Fragment == ""
}

func main() {
	base := strings.TrimSuffix(setting("GOCONNECT_URL", "http://localhost:8080"), "/")
	if !isServerAddress(base) {
		fmt.Fprintf(os.Stderr, "! GOCONNECT_URL must be an address like http://localhost:8080, not %q.\n", base)
		os.Exit(1)
	}
	c := &client{
		credentials: &credentials{
			base:     base,
			email:    setting("GOCONNECT_EMAIL", "ada@goconnect.example"),
			password: setting("GOCONNECT_PASSWORD", "goconnect"),
			given:    os.Getenv("GOCONNECT_TOKEN"),
		},
		wsURL:    "ws" + strings.TrimPrefix(base, "http") + "/v1/ws",
		scope:    "host",
		events:   make(chan any, 64), // full: the reader waits, and TCP makes the server wait
		inFlight: map[string]*operation{},
	}
	if len(os.Args) > 1 {
		c.scope = os.Args[1]
	}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				c.post(typed{line})
			}
		}
		c.post(endOfInput{}) // a pipe, or Ctrl-D: what was said is still delivered
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		c.post(hangUp{})
	}()
	ctx, cancel := context.WithCancel(context.Background())
	reason := c.run(ctx)
	cancel()
	say("* %s", reason)
	if c.refused {
		os.Exit(1)
	}
}

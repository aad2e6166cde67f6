package agentphone_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// simulate starts a simulated API whose calls take a moment. With the real one,
// NewClient needs the key alone.
func simulate() (*agentphone.Client, func()) {
	server := httptest.NewServer(agentphonetest.New(agentphonetest.WithSpeed(1000), agentphonetest.WithRate(0, 0), agentphonetest.WithCredits(5)))
	client, err := agentphone.NewClient("example-key", agentphone.WithBaseURL(server.URL+agentphonetest.BasePath))
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

func Example() {
	client, stop := simulate()
	defer stop()
	ctx := context.Background()

	created, err := client.CreateCall(ctx, agentphone.CreateCallRequest{
		ToPhoneNumber: "+14155550132",
		Objective:     "Book a table for 2 tonight at 7pm under Sarah",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created.Status, "with", *created.CreditsRemaining, "credits left")

	ticker := time.NewTicker(10 * time.Millisecond) // 10 s for real calls
	defer ticker.Stop()
	var call *agentphone.Call
	for range ticker.C {
		if call, err = client.GetCall(ctx, created.ID); err != nil {
			fmt.Println(err)
			return
		}
		if call.Status.Terminal() && call.Summary != "" {
			break
		}
	}
	fmt.Println(call.Status, call.Outcome)
	fmt.Println(call.Summary)
	// Output:
	// queued with 4 credits left
	// completed achieved
	// A table for two tonight at 7pm is booked under Sarah. They hold it for 15 minutes.
}

func ExampleFateOf() {
	client, stop := simulate()
	defer stop()

	for _, number := range []string{"+14155550170", "+14155550175", "415 555 0132"} {
		_, err := client.CreateCall(context.Background(), agentphone.CreateCallRequest{
			ToPhoneNumber: number,
			Objective:     "Ask about the return policy",
		})
		switch agentphone.FateOf(err) {
		case agentphone.FateAccepted:
			fmt.Println("it rings")
		case agentphone.FateRefused:
			fmt.Println("nobody is called:", err)
		case agentphone.FateNeverSent:
			fmt.Println("nothing was sent:", err)
		case agentphone.FateUnknown:
			fmt.Println("it may ring, do not repeat:", err)
		}
	}
	// Output:
	// nobody is called: agentphone: create call: HTTP 402 Payment Required: There are no credits left. Buy more to place calls.
	// it may ring, do not repeat: agentphone: create call: HTTP 500 Internal Server Error: 500 Internal Server Error
	// nothing was sent: agentphone: create call: to_phone_number is refused: it is not E.164; expected something like +14155550132
}

func ExampleError() {
	client, stop := simulate()
	defer stop()

	_, err := client.CreateCall(context.Background(), agentphone.CreateCallRequest{
		ToPhoneNumber: "+14155550176",
		Objective:     "Ask about the return policy",
	})
	if answer, ok := errors.AsType[*agentphone.Error](err); ok {
		fmt.Println(answer.StatusCode, answer.Message, answer.RetryAfter)
	}
	// Output: 503 The service is temporarily unavailable. 30s
}

func ExampleClient_Recording() {
	server := httptest.NewServer(agentphonetest.New(agentphonetest.WithManual()))
	defer server.Close()
	simulator, ok := server.Config.Handler.(*agentphonetest.Simulator)
	if !ok {
		return
	}
	client, err := agentphone.NewClient("example-key", agentphone.WithBaseURL(server.URL+agentphonetest.BasePath))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	created, err := client.CreateCall(ctx, agentphone.CreateCallRequest{ToPhoneNumber: "+14155550132", Objective: "Say hello"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := simulator.Complete(created.ID, agentphonetest.Result{Outcome: "achieved", Transcript: "Agent: Hello"}); err != nil {
		fmt.Println(err)
		return
	}
	call, err := client.GetCall(ctx, created.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	recording, err := client.Recording(ctx, call.RecordingURL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = recording.Body.Close() }()
	n, err := io.Copy(io.Discard, recording.Body)
	fmt.Println(recording.ContentType, n == recording.Size, err)
	// Output: audio/wav true <nil>
}

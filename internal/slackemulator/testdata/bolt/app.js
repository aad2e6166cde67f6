const { App } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.command('/call', async ({ command, ack, say }) => {
  await ack({ response_type: 'ephemeral', text: `Calling ${command.text}` });
  const button = { type: 'button', action_id: 'place', text: { type: 'plain_text', text: 'Place call' }, value: command.text };
  await say({ text: 'A call', blocks: [{ type: 'actions', elements: [button] }] });
});

app.action('place', async ({ body, action, ack, respond, client }) => {
  await ack();
  await respond({ replace_original: true, text: `Approved by <@${body.user.id}>` });
  await client.chat.postMessage({ channel: body.channel.id, thread_ts: body.message.ts, text: `Placed ${action.value}` });
});

app.start().then(() => console.log('ready'));

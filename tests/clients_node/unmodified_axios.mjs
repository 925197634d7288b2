// An application with custom authentication and axios, as Wix's older guides show it.
import axios from 'axios';

const { APP_ID, REFRESH_TOKEN } = process.env;

const { data, status } = await axios.post('https://www.wixapis.com/oauth/access', {
  grant_type: 'refresh_token',
  client_id: APP_ID,
  client_secret: 'not needed',
  refresh_token: REFRESH_TOKEN,
});
const headers = { Authorization: data.access_token };
const answer = await axios.get('https://www.wixapis.com/apps/v1/instance', { headers });
console.log(JSON.stringify({ status, instanceId: answer.data.instance.instanceId }));
